// The extension: starts the language server, and shows the curve and the state of the run.

import * as path from "node:path";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { explain, NotRunning, Server } from "./command";
import { CHANGED, type Curve, REQUEST } from "./curve";
import { words } from "./needs";
import { Panel, VIEW } from "./panel";
import { describe, SECTION, settings } from "./run";

const CONFIGS = ["yaml", "toml", "json", "jsonc"];
const SCHEMES = ["file", "untitled"];
const SELECTOR = SCHEMES.flatMap((scheme) => [
  ...["lrs", ...CONFIGS].map((language) => ({ scheme, language })),
  // VS Code itself does not know the language.
  { scheme, pattern: "**/*.toml" },
]);

/** A client that leaves it to the extension to say what is wrong. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

class Extension implements vscode.Disposable {
  private readonly log = vscode.window.createOutputChannel("lrdsl", { log: true });
  private readonly status = vscode.window.createStatusBarItem(
    "lrdsl.status",
    vscode.StatusBarAlignment.Right,
    100,
  );
  readonly panel: Panel;
  private client: Client | undefined;
  private starting: Promise<void> | undefined;
  private failure: NotRunning | undefined;
  /** The last curve of the document that is looked at. */
  private curve: Curve | undefined;
  private asked = 0;

  constructor(root: vscode.Uri) {
    this.status.name = "lrdsl";
    this.panel = new Panel(root, (asked) => {
      if (asked === "describe") {
        void this.describe();
      } else {
        void this.look();
      }
    });
  }

  /** Looks at the document that is edited: starts the server for it, and renews what is shown. */
  async look(): Promise<void> {
    const document = edited();
    if (document === undefined) {
      // The panel itself has the focus, or a picture: what was looked at last is still shown.
      if (vscode.window.activeTextEditor !== undefined) {
        this.see(undefined, undefined);
      }
      return;
    }
    if (this.client === undefined && (await mayHaveSchedules(document))) {
      await this.start(document.languageId === "lrs");
    }
    await this.renew();
  }

  /** Asks for the curve of the document that is edited. */
  async renew(): Promise<void> {
    const document = edited();
    if (document === undefined) {
      return;
    }
    const name = path.basename(document.uri.path);
    if (this.client === undefined) {
      this.see(document, undefined);
      if (document.languageId === "lrs") {
        this.panel.wait(name, this.failure?.message ?? "The language server is starting …");
      }
      return;
    }
    const number = ++this.asked;
    try {
      const uri = this.client.code2ProtocolConverter.asUri(document.uri);
      const width = this.panel.pixels;
      const curve = await this.client.sendRequest<Curve>(REQUEST, { uri, width });
      if (number === this.asked) {
        this.see(document, curve);
      }
    } catch (error) {
      this.log.warn(`No curve of ${name}: ${error}`);
    }
  }

  /** Shows what is known of a document. */
  private see(document: vscode.TextDocument | undefined, curve: Curve | undefined): void {
    const hasSchedules = curve !== undefined && curve.schedules.length > 0;
    this.curve = curve;
    void vscode.commands.executeCommand("setContext", "lrdsl.hasSchedules", hasSchedules);
    this.tell(document, hasSchedules || document?.languageId === "lrs");
    if (document !== undefined && curve !== undefined && hasSchedules) {
      const editor = vscode.window.visibleTextEditors.find((one) => one.document === document);
      this.panel.show(document, curve, editor?.selection.active);
    }
  }

  /** Says in the status bar what is missing. */
  private tell(document: vscode.TextDocument | undefined, isShown: boolean): void {
    const status = this.status;
    status.backgroundColor = undefined;
    if (document === undefined || !isShown) {
      status.hide();
      return;
    }
    const needs = this.needs();
    if (this.failure !== undefined) {
      status.text = "$(warning) lrdsl does not run";
      status.tooltip = this.failure.message;
      status.command = "lrdsl.restart";
      status.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    } else if (this.client === undefined) {
      status.text = "$(loading~spin) lrdsl";
      status.tooltip = "The language server is starting";
      status.command = undefined;
    } else if (needs.length > 0) {
      const missing = needs.map(words).join(", ");
      status.text = `$(question) lrdsl: ${missing}?`;
      status.tooltip = `Not known of the run: ${missing}. Click to say it.`;
      status.command = "lrdsl.describeRun";
    } else {
      status.text = "$(graph-line) lrdsl";
      status.tooltip = "Show the curve";
      status.command = "lrdsl.showCurve";
    }
    status.show();
  }

  private needs(): string[] {
    return [...new Set(this.curve?.schedules.flatMap((one) => one.needs))];
  }

  async describe(): Promise<void> {
    await describe(this.needs());
  }

  /** Starts the server, once; says why it does not start, if that is wanted. */
  start(isWanted: boolean): Promise<void> {
    this.starting ??= this.run(isWanted).finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async run(isWanted: boolean): Promise<void> {
    if (this.failure !== undefined) {
      return; // it was said
    }
    let server: Server | undefined;
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      initializationOptions: settings(),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (this.client !== undefined) {
            this.client = undefined;
            void this.fail(server, true);
          }
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
    const client = new Client(
      SECTION,
      "lrdsl",
      async () => (server = await Server.start(this.log)).process,
      options,
    );
    client.onNotification(CHANGED, ({ uri }: { uri: string }) => {
      const document = edited();
      if (document !== undefined && client.code2ProtocolConverter.asUri(document.uri) === uri) {
        void this.renew();
      }
    });
    try {
      await client.start();
      this.client = client;
    } catch (error) {
      await this.fail(server, isWanted, error);
    }
  }

  private async fail(server: Server | undefined, isWanted: boolean, error?: unknown) {
    const known = error instanceof NotRunning ? error : await server?.reason();
    const failure = known ?? new NotRunning(String(error));
    this.log.error(failure.message);
    if (!isWanted) {
      return; // a config that may be somebody else's: nothing to bother about
    }
    this.failure = failure;
    void this.renew();
    // The message may stay on the screen for long: nothing waits for it.
    void explain(failure).then((again) => (again ? this.restart() : undefined));
  }

  async restart(): Promise<void> {
    await this.starting;
    const client = this.client;
    this.client = this.failure = undefined;
    await client?.stop().catch((error) => this.log.warn(String(error)));
    void this.renew();
    await this.start(true);
    await this.renew();
  }

  async configured(change: vscode.ConfigurationChangeEvent): Promise<void> {
    if (change.affectsConfiguration(`${SECTION}.path`)) {
      await this.restart();
    } else if (change.affectsConfiguration(SECTION)) {
      const method = "workspace/didChangeConfiguration";
      await this.client?.sendNotification(method, { settings: { [SECTION]: settings() } });
      await this.look();
    }
  }

  async dispose(): Promise<void> {
    this.panel.dispose();
    this.status.dispose();
    const client = this.client;
    this.client = undefined;
    await client?.stop().catch(() => undefined);
    this.log.dispose();
  }
}

/** The document that is edited, if schedules may be in it. */
function edited(): vscode.TextDocument | undefined {
  const editor = vscode.window.activeTextEditor;
  const visible = vscode.window.visibleTextEditors;
  // While the panel has the focus, no editor is active.
  const document = editor?.document ?? visible.find(({ document }) => isOurs(document))?.document;
  return document !== undefined && isOurs(document) ? document : undefined;
}

function isOurs(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0;
}

/** True if it is worth to start the server for a document: not for every JSON file. */
async function mayHaveSchedules(document: vscode.TextDocument): Promise<boolean> {
  if (document.languageId === "lrs" || /lrs|lrdsl/.test(document.getText())) {
    return true;
  }
  if (vscode.workspace.getConfiguration(SECTION).get<string[]>("keys", []).length > 0) {
    return true;
  }
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  if (folder === undefined) {
    return false;
  }
  try {
    const project = vscode.Uri.joinPath(folder.uri, "pyproject.toml");
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(project));
    return /^\s*\[+tool\.lrdsl/m.test(text);
  } catch {
    return false;
  }
}

let extension: Extension | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const one = (extension = new Extension(context.extensionUri));
  context.subscriptions.push(
    vscode.commands.registerCommand("lrdsl.showCurve", () => one.panel.open()),
    vscode.commands.registerCommand("lrdsl.describeRun", () => one.describe()),
    vscode.commands.registerCommand("lrdsl.restart", () => one.restart()),
    vscode.window.onDidChangeActiveTextEditor(() => void one.look()),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) =>
      one.panel.mark(textEditor.document, selections[0].active),
    ),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => one.panel.renew(uris)),
    vscode.workspace.onDidOpenTextDocument(() => void one.look()),
    vscode.workspace.onDidSaveTextDocument(() => void one.look()),
    vscode.workspace.onDidChangeConfiguration((change) => void one.configured(change)),
    vscode.window.registerWebviewPanelSerializer(VIEW, {
      deserializeWebviewPanel: async (panel) => one.panel.take(panel),
    }),
  );
  void one.look();
}

export async function deactivate(): Promise<void> {
  await extension?.dispose();
}
