// What the server answers to `lrdsl/curve`, and what goes between the extension and its panel.

export const REQUEST = "lrdsl/curve";
export const CHANGED = "lrdsl/curveChanged";

export interface Place {
  line: number;
  character: number;
}

export interface Range {
  start: Place;
  end: Place;
}

export interface Part {
  name: string;
  range: Range;
  startStep: number;
  /** The step in the unit of the picture. */
  startLabel: string;
  /** In steps; null if it goes on forever. */
  length: number | null;
  lengthLabel: string | null;
  /** Its values, such as `base / 10`. */
  start: string | null;
  end: string | null;
  children: Part[];
}

export interface Schedule {
  range: Range;
  text: string;
  /** Null if nothing can be drawn. */
  svg: string | null;
  /** The unit that the picture is drawn in; if it is assumed, its steps mean nothing. */
  unit: { name: string; isAssumed: boolean } | null;
  /** The options of the command line that would say what is not known of the run. */
  needs: string[];
  targets: { name: string; parts: Part[] }[];
}

export interface Curve {
  uri: string;
  version: number | null;
  errors: number;
  warnings: number;
  problem: string;
  notes: string[];
  schedules: Schedule[];
}

/** An error or a warning. */
export interface Problem {
  isError: boolean;
  message: string;
  range: Range;
}

/** From the extension to the panel. */
export type ToPanel =
  | {
      type: "curve";
      name: string;
      isConfig: boolean;
      curve: Curve;
      problems: Problem[];
      cursor: Place | null;
    }
  | { type: "cursor"; cursor: Place }
  | { type: "waiting"; name: string; text: string };

/** From the panel to the extension. */
export type FromPanel =
  | { type: "ready"; width: number }
  | { type: "width"; width: number }
  | { type: "reveal"; range: Range }
  | { type: "describe" }
  | { type: "problems" };

export function isIn(place: Place, { start, end }: Range): boolean {
  return !isBefore(place, start) && !isBefore(end, place);
}

function isBefore(one: Place, other: Place): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}
