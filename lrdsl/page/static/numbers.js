// Numbers as lrdsl writes them everywhere: lrdsl/wording.py and lrdsl/preview/units.py in the browser.

const SUFFIXES = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];

/** A value as `d.ddde+x`; halfway between two numbers it is the even one, as in Python. */
function exponential(value, digits) {
  const [mantissa, exponent] = value.toExponential(Math.min(100, digits + 50)).split("e");
  const rest = mantissa.replace("-", "").replace(".", "").slice(digits + 1);
  const kept = mantissa.slice(0, mantissa.length - rest.length).replace(/\.$/, "");
  const isTie = /^50*$/.test(rest), isEven = "02468".includes(kept.at(-1));
  return isTie && isEven ? `${kept}e${exponent}` : value.toExponential(digits);
}

/** A value with so many significant digits at most, as the language spells it: `3e-5`. */
export function number(value, digits = 6) {
  if (value === 0) return "0";
  const rounded = exponential(value, digits - 1), power = Number(rounded.split("e")[1]);
  if (Math.abs(value) >= 1e-3 && power < digits) {
    const decimals = Math.max(0, digits - 1 - power);
    return trimmed(Number(rounded).toFixed(Math.min(100, decimals)));
  }
  return `${trimmed(rounded.split("e")[0])}e${power}`;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A count with commas between thousands. */
export function count(amount) {
  return amount.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A large count in k, M or B where two decimals say all of it. */
export function shortCount(amount) {
  for (const [size, letter] of amount >= 10000 ? SUFFIXES : []) {
    if (amount >= size) {
      const short = number(amount / size, 15) + letter;
      const isExact = (amount * 100) % size === 0 && short.length < String(amount).length;
      return isExact ? short : count(amount);
    }
  }
  return count(amount);
}

/** An amount of a unit: `5ep`, `0.25ep`, `2Btok`. */
export function amountLabel(amount, name) {
  if (amount === 0) return "0";
  if (Number.isInteger(amount) && shortCount(amount).length < 8) return shortCount(amount) + name;
  const [size, letter] = SUFFIXES.find(([size]) => amount >= 10 * size) ?? [1, ""];
  return number(amount / size, 4) + letter + name;
}

/** A step in a unit, with as few digits as tell it from its neighbors. */
export function stepLabel(step, unit) {
  const amount = step / unit.steps;
  for (let digits = 0; digits < 6; digits++) {
    for (const k of [1, 2]) {
      const near = Number(exponential(k * amount, digits)) / k;
      if (Math.abs(near - amount) * unit.steps < 0.6) return amountLabel(near, unit.name);
    }
  }
  return amountLabel(amount, unit.name);
}

/** The largest of 1, 2 and 5 times a power of ten that divides a span into no fewer pieces. */
export function niceStep(span, pieces, factors = [1, 2, 5, 10]) {
  const rough = span / Math.max(1, pieces);
  const power = 10 ** Math.floor(Math.log10(rough));
  return factors.map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9));
}

/** The multiples of a step from one value to another. */
export function multiples(step, low, high) {
  const found = [];
  for (let k = Math.ceil(low / step - 1e-6); k * step <= high + step * 1e-6; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** The axis of values: its ends, its ticks with their labels, and the height of a value from 0 to 1. */
export function valueAxis(values, log, height) {
  const known = values.filter((value) => !log || value > 0);
  if (log && known.length) return logAxis(known);
  let low = Math.min(...values, Infinity), high = Math.max(...values, -Infinity);
  if (!values.length) [low, high] = [0, 1];
  if (high - low <= 1e-6 * Math.max(Math.abs(low), Math.abs(high))) {
    const level = high === 0 ? 1 : high, ends = [Math.min(0, 1.5 * level), Math.max(0, 1.5 * level)];
    return {
      ticks: (high === 0 ? [0] : [0, high]).map((value) => [value, number(value)]),
      height: (value) => (value - ends[0]) / (ends[1] - ends[0]),
      isLog: false,
    };
  } else if (low > 0 && low <= high / 2) low = 0;
  else if (high < 0 && high >= low / 2) high = 0;
  const step = niceStep(high - low, Math.max(2, height / 56), [1, 2, 2.5, 5, 10]);
  const ticks = multiples(step, low, high + (low === 0 || high / step % 1 ? step * 0.999 : 0));
  const top = Math.max(high, ticks[ticks.length - 1]), bottom = Math.min(low, ticks[0]);
  return {
    ticks: ticks.map((value) => [value, tickLabel(value, step, ticks)]),
    height: (value) => (value - bottom) / (top - bottom),
    isLog: false,
  };
}

function tickLabel(value, step, ticks) {
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest < 1e-3 || largest >= 1e6) return number(value);
  const decimals = Math.max(0, [...Array(12).keys()].find((d) => Math.abs(step - step.toFixed(d)) < 1e-9 * step));
  return value === 0 ? "0" : value.toFixed(decimals);
}

function logAxis(values) {
  let first = Math.floor(Math.log10(Math.min(...values)) + 1e-6);
  const last = Math.max(Math.ceil(Math.log10(Math.max(...values)) - 1e-6), first + 1);
  first = Math.max(first, last - 12, -300);
  const stride = Math.ceil((last - first) / 8);
  const ticks = [];
  for (let power = last; power >= first; power -= stride) ticks.unshift(power);
  const low = Math.min(first, ticks[0]);
  return {
    ticks: ticks.map((power) => [10 ** power, Math.abs(power) > 3 ? `1e${power}` : number(10 ** power)]),
    height: (value) => (value > 0 ? Math.max(0, (Math.log10(value) - low) / (last - low)) : 0),
    isLog: true,
  };
}
