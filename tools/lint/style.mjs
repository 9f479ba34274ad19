// The parts of the house style that a machine can see, as ESLint rules.

/** @typedef {import('eslint').Rule.RuleModule} RuleModule */

/** A file opens with a sentence on its idea. @type {RuleModule} */
const openingSentence = {
  meta: { type: 'suggestion', messages: { missing: 'open the file with a comment: one sentence on its idea' } },
  create: (context) => ({
    Program(node) {
      const [first] = context.sourceCode.getAllComments();
      const [token] = context.sourceCode.ast.tokens;
      const opens = first !== undefined && (token === undefined || offset(first) < offset(token));
      if (!opens) context.report({ node, loc: { line: 1, column: 0 }, messageId: 'missing' });
    },
  }),
};

/** @param {{ range?: [number, number] | undefined }} part */
function offset(part) {
  return part.range?.[0] ?? 0;
}

/** Every export has a doc comment; one on the first signature serves all overloads. @type {RuleModule} */
const documentedExport = {
  meta: { type: 'suggestion', messages: { missing: 'say in a doc comment what this export means' } },
  create: (context) => {
    /** @type {string | undefined} */
    let documented;
    return {
      ExportNamedDeclaration(node) {
        if (!node.declaration) return;
        const name = 'id' in node.declaration ? node.declaration.id.name : undefined;
        const comment = context.sourceCode.getCommentsBefore(node).findLast(({ type }) => type === 'Block');
        if (comment?.value.startsWith('*') === true) documented = name;
        else if (name === undefined || name !== documented) context.report({ node, messageId: 'missing' });
      },
    };
  },
};

/** The rules, under the names that the configuration uses. */
export const style = { rules: { 'opening-sentence': openingSentence, 'documented-export': documentedExport } };
