// The panel with the curve, beside the text that it belongs to.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Curve, FromPanel, Place, Problem, Range, ToPanel } from "./curve";

export const VIEW = "lrdsl.curve";
/** The least width that the server draws for. */
const LEAST = 200;

export class Panel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private isReady = false;
  /** What it shows, to be sent when it is ready. */
  private shown: ToPanel | undefined;
  private width = 0;
  private document: vscode.TextDocument | undefined;

  /** @param answer does what a button of the panel asks for. */
  constructor(
    private readonly root: vscode.Uri,
    private readonly answer: (asked: "describe" | "curve") => void,
  ) {}

  /** The width of its pictures in pixels; undefined as long as none is shown. */
  get pixels(): number | undefined {
    return this.panel !== undefined && this.width > 0 ? Math.max(LEAST, this.width) : undefined;
  }

  /** Opens it beside the text, or brings it to the front; the text keeps the focus. */
  open(): void {
    if (this.panel !== undefined) {
      this.panel.reveal(undefined, true);
      return;
    }
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.take(vscode.window.createWebviewPanel(VIEW, "Curve", place));
  }

  /** Takes a panel: a new one, or that of an earlier session. */
  take(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    this.isReady = false;
    const media = vscode.Uri.joinPath(this.root, "media");
    const dist = vscode.Uri.joinPath(this.root, "dist");
    panel.iconPath = {
      light: vscode.Uri.joinPath(media, "file-light.svg"),
      dark: vscode.Uri.joinPath(media, "file-dark.svg"),
    };
    panel.webview.options = { enableScripts: true, localResourceRoots: [media, dist] };
    panel.webview.onDidReceiveMessage((message: FromPanel) => this.receive(message));
    panel.onDidChangeViewState(() => (this.isReady &&= panel.visible));
    panel.onDidDispose(() => {
      if (this.panel === panel) {
        this.panel = undefined;
      }
    });
    panel.webview.html = page(panel.webview, media, dist);
  }

  /** Shows the curve of a document. */
  show(document: vscode.TextDocument, curve: Curve, position: vscode.Position | undefined): void {
    const cursor = position === undefined ? null : place(position);
    this.document = document;
    const name = path.basename(document.uri.path);
    this.title(name);
    const isConfig = document.languageId !== "lrs";
    this.send({ type: "curve", name, isConfig, curve, problems: problems(document), cursor });
  }

  /** Shows what is wrong with the document now, if it is about that. */
  renew(uris: readonly vscode.Uri[]): void {
    const { document, shown } = this;
    if (shown?.type === "curve" && uris.some((uri) => uri.toString() === document?.uri.toString())) {
      this.send({ ...shown, problems: problems(document!) });
    }
  }

  /** Shows why there is no curve yet. */
  wait(name: string, text: string): void {
    this.title(name);
    this.send({ type: "waiting", name, text });
  }

  /** Marks the part at the cursor. */
  mark(document: vscode.TextDocument, position: vscode.Position): void {
    const cursor = place(position);
    if (document === this.document && this.shown?.type === "curve") {
      this.shown.cursor = cursor;
      if (this.isReady) {
        void this.panel?.webview.postMessage({ type: "cursor", cursor } satisfies ToPanel);
      }
    }
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private title(name: string): void {
    if (this.panel !== undefined) {
      this.panel.title = name === "" ? "Curve" : `Curve of ${name}`;
    }
  }

  private send(message: ToPanel): void {
    this.shown = message;
    if (this.isReady) {
      void this.panel?.webview.postMessage(message);
    }
  }

  private receive(message: FromPanel): void {
    switch (message.type) {
      case "ready":
        this.isReady = true;
        this.width = message.width;
        if (this.shown !== undefined) {
          this.send(this.shown);
        }
        this.answer("curve");
        break;
      case "width":
        this.width = message.width;
        this.answer("curve");
        break;
      case "reveal":
        void this.reveal(message.range);
        break;
      case "problems":
        void vscode.commands.executeCommand("workbench.actions.view.problems");
        break;
      case "describe":
        this.answer("describe");
    }
  }

  /** Selects a part in the text. */
  private async reveal(range: Range): Promise<void> {
    if (this.document === undefined) {
      return;
    }
    const open = vscode.window.visibleTextEditors.find((one) => one.document === this.document);
    const selection = new vscode.Range(
      range.start.line,
      range.start.character,
      range.end.line,
      range.end.character,
    );
    await vscode.window.showTextDocument(this.document, {
      viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
      selection,
    });
  }
}

/** The errors and warnings of a document. */
function problems(document: vscode.TextDocument): Problem[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter((one) => one.source === "lrdsl" && one.severity <= vscode.DiagnosticSeverity.Warning)
    .map(({ severity, message, range: { start, end } }) => ({
      isError: severity === vscode.DiagnosticSeverity.Error,
      message,
      range: { start: place(start), end: place(end) },
    }));
}

function place({ line, character }: vscode.Position): Place {
  return { line, character };
}

function page(webview: vscode.Webview, media: vscode.Uri, dist: vscode.Uri): string {
  const style = webview.asWebviewUri(vscode.Uri.joinPath(media, "panel.css"));
  const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, "panel.js"));
  const policy =
    `default-src 'none'; style-src ${webview.cspSource}; script-src ${webview.cspSource}; ` +
    "base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Curve</title>
</head>
<body>
<main id="main" aria-live="polite"></main>
<script src="${script}"></script>
</body>
</html>`;
}
