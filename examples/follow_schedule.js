// Follows a schedule without lrdsl; docs/reference/export.schema.json describes the file:
//
//   lrdsl export resnet50.lrs --to json --steps-per-epoch 1251 -o lr.json
//   node follow_schedule.js lr.json 0 6255 112590
const functions = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
  "^": Math.pow, "//": (a, b) => Math.floor(a / b), "%": (a, b) => a % b,
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "==": (a, b) => a === b, "!=": (a, b) => a !== b, list: (...items) => items,
  passed: (points, t) => points.filter((point) => point <= t).length, pick: (items, n) => items[n],
  interpolate: (t, xs, ys) => {
    const right = functions.passed(xs, t);
    if (right % xs.length === 0) return ys[Math.max(right - 1, 0)];
    const share = (t - xs[right - 1]) / (xs[right] - xs[right - 1]);
    return ys[right - 1] * (1 - share) + ys[right] * share;
  },
};

// The value of a formula: a number, the name of a variable, or an operation and its operands.
function evaluate(formula, variables) {
  if (typeof formula === "string") return variables[formula];
  if (!Array.isArray(formula)) return formula;
  const [name, ...operands] = formula;
  if (name === "if") return evaluate(operands[evaluate(operands[0], variables) ? 1 : 2], variables);
  return (functions[name] ?? Math[name])(...operands.map((part) => evaluate(part, variables)));
}

// The number of the cycle that step t is in, its first step, and the step after its last.
function cycleOf(bounds, t) {
  if (Array.isArray(bounds)) {
    const k = functions.passed(bounds, t) - 1;
    return [k, bounds[k], bounds[k + 1]];
  }
  const start = (k) => Math.floor((bounds.start + k * bounds.cycle) / bounds.unit);
  const k = Math.floor((bounds.unit * (t + 1) - bounds.start - 1) / bounds.cycle);
  return [k, start(k), start(k + 1)];
}

// The value of a curve at step t.
function value(curve, t, variables) {
  if ("formula" in curve) return evaluate(curve.formula, { ...variables, t });
  const part = curve.parts?.findLast((one) => one.first <= t);
  if (part) return value(part, t - part.offset, variables);
  if ("combined" in curve) {
    const values = curve.of.map((one) => value(one, t, variables));
    return values.reduce(functions[curve.combined] ?? ((a, b) => Math[curve.combined](a, b)));
  }
  const [k, first, end] = cycleOf(curve.cycles ?? curve.every, t);
  if ("every" in curve) return value(curve.of, first, variables);
  const inside = value(curve.of, t - first, { ...variables, length: end - first });
  return inside * curve.decay ** (curve.count * k);
}

module.exports = { value };
if (require.main === module) {
  const [path, ...steps] = process.argv.slice(2);
  const schedule = JSON.parse(require("fs").readFileSync(path, "utf8"));
  for (const step of steps) console.log(step, value(schedule.targets[0], +step, { base: 1 }));
}
