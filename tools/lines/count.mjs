// What a code line is: a line that holds something besides blanks and comments.
//
// A scanner over characters, because a regular expression cannot tell `'// text'` from a comment. It knows strings,
// templates (with nested `${}`) and both kinds of comment. A quote inside a regular expression literal may be taken
// for a string, which then ends at the line's end, so the count of lines stays right.

/**
 * The number of code lines in TypeScript, JavaScript, C++ or WGSL text.
 *
 * @param {string} text
 * @returns {number}
 */
export function countCodeLines(text) {
  let lines = 0;
  let lineHasCode = false;
  let quote = '';
  /** One entry per open template literal: how deep its `${}` braces are. @type {number[]} */
  const templates = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\n') {
      if (lineHasCode) lines++;
      lineHasCode = false;
      if (quote !== '`') quote = '';
      continue;
    }
    if (quote === '' && text.startsWith('//', at)) {
      at = endOfLine(text, at) - 1;
      continue;
    }
    if (quote === '' && text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      const stop = end < 0 ? text.length : end + 2;
      if (text.slice(at, stop).includes('\n')) {
        if (lineHasCode) lines++;
        lineHasCode = false;
      }
      at = stop - 1;
      continue;
    }
    if (character.trim() !== '') lineHasCode = true;
    if (quote !== '') {
      if (character === '\\' && text[at + 1] !== '\n') at++;
      else if (character === quote) quote = '';
      else if (quote === '`' && text.startsWith('${', at)) {
        templates.push(0);
        quote = '';
        at++;
      }
    } else if (character === '"' || character === "'" || character === '`') {
      quote = character;
    } else if (templates.length > 0) {
      const depth = templates.length - 1;
      if (character === '{') templates[depth] = (templates[depth] ?? 0) + 1;
      if (character === '}') {
        if (templates[depth] === 0) {
          templates.pop();
          quote = '`';
        } else templates[depth] = (templates[depth] ?? 0) - 1;
      }
    }
  }
  return lineHasCode ? lines + 1 : lines;
}

/** @param {string} text @param {number} from */
function endOfLine(text, from) {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
