/** Comparisons of the benchmark, on a clock that the test turns, and the section about them. */
import { expect, test } from '@jest/globals';
import { compare } from '../bench/compare.mjs';
import { withSection } from '../bench/page.mjs';
import { comparisonSection } from '../bench/report.mjs';

test('both sides take turns, and the ratio is that of the medians after the warm-up', async () => {
  let time = 0;
  const order: string[] = [];
  const side = (name: string, duration: () => number) => ({
    run: () => {
      order.push(name);
      time += duration();
    },
  });
  // The first five rounds are the warm-up.
  const ours = side('ours', () => (order.length <= 10 ? 5000 : 100));
  const peer = side('peer', () => 400);
  const comparison = { title: 'sum', goal: 2, ours, peer, parts: 10, check: async () => 'equal' };
  const compared = await compare(comparison, { seconds: 1, now: () => time });
  expect(order.slice(0, 4)).toEqual(['ours', 'peer', 'ours', 'peer']);
  expect(compared.ours).toEqual({ repetitions: 5, minimum: 100, median: 100, maximum: 100 });
  expect(compared.peer.median).toBe(400);
  expect(compared.ratio).toBe(4);

  const text = comparisonSection([{ comparison, compared }], { versions: { rival: '1.2.3' } }).join('\n');
  expect(text).toContain('rival 1.2.3');
  expect(text).toContain('| sum  | 10.00 ms   | 40.00 ms           | 4.0 × | 2 ×  |');
  expect(text).toContain('- sum: equal');
});

test('a section of the page is replaced where it is, or added at the end', () => {
  const one = withSection('', 'One', ['first', 'second']);
  const two = withSection(one, 'Two', ['third']);
  expect(two.startsWith('# Benchmarks\n')).toBe(true);
  expect(two.endsWith('## One\n\nfirst\n\nsecond\n\n## Two\n\nthird\n')).toBe(true);
  expect(withSection(two, 'One', ['fourth']).endsWith('## One\n\nfourth\n\n## Two\n\nthird\n')).toBe(true);
  expect(withSection(two, 'Two', ['third'])).toBe(two);
});
