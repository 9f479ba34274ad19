import { fork } from 'node:child_process';
const [A, B, cases, rounds = '7'] = process.argv.slice(2);
const child = (addon) => fork(new URL('./child.mjs', import.meta.url), { env: { ...process.env, ANTLER_ADDON: addon } });
const ask = (c, m) => new Promise((r) => { c.once('message', r); if (m) c.send(m); });
const kids = [child(A), child(B)];
await Promise.all(kids.map((k) => ask(k)));
for (const one of cases.split(',')) {
  const [make, batch] = one.split(':');
  for (const k of kids) { await ask(k, { make, batch: +batch }); await ask(k, { count: 20 }); }
  const ms = [[], []];
  const { ms: guess } = await ask(kids[0], { count: 20 });
  const count = Math.max(5, Math.min(300, Math.round(150 / guess)));
  for (let r = 0; r < +rounds; r++) for (const i of [0, 1]) ms[i].push((await ask(kids[i], { count })).ms);
  const med = (l) => l.toSorted((a, b) => a - b)[l.length >> 1];
  console.log(one, 'A', med(ms[0]).toFixed(3), 'B', med(ms[1]).toFixed(3), 'B/A', (med(ms[1]) / med(ms[0])).toFixed(3), 'of', rounds);
}
kids.forEach((k) => k.kill());
