// What a large server does before it answers: it compiles and runs modules, of which each takes some tens of milliseconds.
import { Script } from 'node:vm';

const FUNCTIONS = 3000;

const sourceOf = (seed) =>
  `(() => { const all = []; ${Array.from(
    { length: FUNCTIONS },
    (_, n) =>
      `all.push((function f${n}(a, b) { const c = { key${seed}: a, other${n}: [b, ${n}, 'text ${seed} ${n}'] }; for (const d of c.other${n}) if (d === a) return c; return [...c.other${n}, b].map((e) => ({ e, n: ${n + seed} })); })(${n}, ${seed}));`,
  ).join('\n')} return all.length; })()`;

/** @param modules how many; the work is the same on every machine */
export function startWork(modules) {
  for (let seed = 0; seed < modules; seed++) new Script(sourceOf(seed)).runInThisContext();
}
