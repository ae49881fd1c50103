// What has to be known of a run, named by the options of the command line that would say it.

/** What an option asks for, in a few words: `--total` or `--per-step tok=…`. */
export function words(need: string): string {
  const unit = unitOf(need);
  if (unit !== undefined) {
    return `${unit} per step`;
  }
  return need === "--steps-per-epoch" ? "updates per epoch" : "length of the run";
}

/** The unit whose size an option asks for, if it asks for one. */
export function unitOf(need: string): string | undefined {
  return /^--per-step (\w+)/.exec(need)?.[1];
}
