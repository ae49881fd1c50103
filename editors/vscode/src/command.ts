// Finds the command `lrdsl`, and starts it as a language server.

import { ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { SECTION } from "./run";

const INSTALL = 'pip install "lrdsl[lsp]"';

/** Why the server does not run, for a person. */
export class NotRunning extends Error {}

/** The path of the command: that of the settings, of an environment, or to be found on the PATH. */
export async function command(): Promise<string> {
  const set = vscode.workspace.getConfiguration(SECTION).get<string>("path", "").trim();
  if (set !== "") {
    return set.replace(/^~(?=[/\\])/, process.env.HOME ?? process.env.USERPROFILE ?? "~");
  }
  if (vscode.workspace.isTrusted) {
    for (const folder of await environments()) {
      const found = isWindows
        ? path.join(folder, "Scripts", "lrdsl.exe")
        : path.join(folder, "bin", "lrdsl");
      if (existsSync(found)) {
        return found;
      }
    }
  }
  return "lrdsl";
}

const isWindows = process.platform === "win32";

/** The folders of Python environments that belong to the workspace, the likeliest first. */
async function environments(): Promise<string[]> {
  const found: string[] = [];
  const chosen = await interpreter();
  if (chosen !== undefined) {
    found.push(path.dirname(path.dirname(chosen)));
  }
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    if (uri.scheme === "file") {
      found.push(path.join(uri.fsPath, ".venv"), path.join(uri.fsPath, "venv"));
    }
  }
  return found;
}

/** The interpreter that is chosen in the Python extension, where that is installed. */
async function interpreter(): Promise<string | undefined> {
  try {
    const python = vscode.extensions.getExtension("ms-python.python");
    const api = await python?.activate();
    return api?.environments?.getActiveEnvironmentPath?.()?.path;
  } catch {
    return undefined;
  }
}

/** Starts the server. What it writes as an error is kept, to say why it ended. */
export class Server {
  private said = "";
  private ended = false;

  private constructor(
    readonly path: string,
    readonly process: ChildProcess,
  ) {
    process.stderr?.setEncoding("utf8");
    process.stderr?.on("data", (text: string) => (this.said = (this.said + text).slice(-4000)));
    process.on("exit", () => (this.ended = true));
  }

  static async start(log: vscode.OutputChannel): Promise<Server> {
    const path = await command();
    const cwd = vscode.workspace.workspaceFolders?.find((one) => one.uri.scheme === "file");
    log.appendLine(`Starting: ${path} lsp`);
    const child = spawn(path, ["lsp"], { cwd: cwd?.uri.fsPath });
    const server = new Server(path, child);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error: NodeJS.ErrnoException) => {
        log.appendLine(String(error));
        const what = error.code === "ENOENT" ? "was not found" : "cannot be started";
        reject(new NotRunning(`The command \`${path}\` ${what}. ${server.advice()}`));
      });
    });
    child.stderr?.on("data", (text: string) => log.append(text));
    return server;
  }

  /** Why it ended before it answered. */
  async reason(): Promise<NotRunning> {
    for (let k = 0; k < 20 && !this.ended; k++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const isOld = /no such command/i.test(this.said);
    const lacks = /pip install|No module named/.test(this.said);
    if (isOld) {
      return new NotRunning(`\`${this.path}\` is too old to talk to an editor. ${this.advice()}`);
    }
    if (lacks) {
      return new NotRunning(
        `\`${this.path}\` lacks the packages that talk to an editor. ${this.advice()}`,
      );
    }
    const last = this.said.trim().split("\n").at(-1) || "it said nothing";
    return new NotRunning(`\`${this.path} lsp\` has ended: ${last}`);
  }

  private advice(): string {
    return `Install it: ${INSTALL}`;
  }
}

/** Says once why the server does not run, and offers what helps. True: try again. */
export async function explain(error: NotRunning): Promise<boolean> {
  const installs = error.message.includes(INSTALL);
  const [copy, choose, again] = ["Copy the command", "Choose the path", "Try again"];
  const options = installs ? [copy, choose, again] : [choose, again];
  const answer = await vscode.window.showErrorMessage(`lrdsl: ${error.message}`, ...options);
  if (answer === copy) {
    await vscode.env.clipboard.writeText(INSTALL);
  } else if (answer === choose) {
    await vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
  }
  return answer === again;
}
