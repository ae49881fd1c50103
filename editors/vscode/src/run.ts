// The settings that describe a run: what the server gets of them, and what is asked for.

import * as vscode from "vscode";
import { unitOf } from "./needs";

export const SECTION = "lrdsl";

/** The settings as the server takes them: only those that say something. */
export function settings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration(SECTION);
  const found: Record<string, unknown> = {};
  for (const name of ["total", "stepsPerEpoch", "perStep", "base", "keys", "inlayHints"]) {
    const value = all.get<unknown>(name);
    const isEmpty =
      value === null ||
      value === undefined ||
      value === "" ||
      (typeof value === "object" && Object.keys(value).length === 0);
    if (!isEmpty) {
      found[name] = typeof value === "object" ? JSON.parse(JSON.stringify(value)) : value;
    }
  }
  return found;
}

/** How a person is asked for something that has to be known. */
interface Question {
  prompt: string;
  example: string;
  /** What an answer looks like. */
  pattern: RegExp;
  /** What is known already. */
  known: unknown;
  save(answer: string): Thenable<void>;
}

function question(need: string): Question {
  const all = vscode.workspace.getConfiguration(SECTION);
  const unit = unitOf(need);
  if (unit !== undefined) {
    const sizes = all.get<Record<string, unknown>>("perStep", {});
    return {
      prompt: `How many ${unit} does a step take?`,
      example: "4M or 500000",
      pattern: /^\d[\d._]*([eE]\d+|[kMBT])?$/,
      known: sizes[unit],
      save: (answer) => update("perStep", { ...sizes, [unit]: answer }),
    };
  }
  if (need === "--steps-per-epoch") {
    return {
      prompt: "How many updates does the optimizer make in an epoch?",
      example: "1251",
      pattern: /^(?=.*[1-9])\d+(\.\d*)?$/,
      known: all.get("stepsPerEpoch"),
      save: (answer) => update("stepsPerEpoch", Number(answer)),
    };
  }
  return {
    prompt: "How long is the run?",
    example: "90ep, 100000 or 300Btok",
    pattern: /^[\d.]\w*(\.\w*)?$/,
    known: all.get("total"),
    save: (answer) => update("total", answer),
  };
}

/** Asks for what is missing, one after the other, and keeps it in the settings. */
export async function describe(needs: string[]): Promise<void> {
  const missing = needs.length > 0 ? needs : ["--total", "--steps-per-epoch"];
  for (const [k, need] of missing.entries()) {
    const asked = question(need);
    const answer = await vscode.window.showInputBox({
      title: missing.length > 1 ? `The run (${k + 1} of ${missing.length})` : "The run",
      prompt: `${asked.prompt} It is kept in the settings of this workspace.`,
      placeHolder: `For example: ${asked.example}`,
      value: asked.known === null || asked.known === undefined ? "" : String(asked.known),
      ignoreFocusOut: true,
      validateInput: (text) =>
        text.trim() === "" || asked.pattern.test(text.trim()) ? "" : `For example: ${asked.example}`,
    });
    if (answer === undefined) {
      return;
    }
    if (answer.trim() !== "") {
      await asked.save(answer.trim());
    }
  }
}

function update(name: string, value: unknown): Thenable<void> {
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  return vscode.workspace.getConfiguration(SECTION).update(name, value, target);
}
