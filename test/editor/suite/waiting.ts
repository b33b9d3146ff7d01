import * as vscode from 'vscode';

/** Resolves with the first event that `accept` likes. */
export function nextEvent<T>(event: vscode.Event<T>, accept: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      if (!accept(value)) return;
      subscription.dispose();
      resolve(value);
    });
  });
}

/** Resolves with the diagnostics of `uri` as soon as there are some. The file has to be open in a tab. */
export async function diagnosticsOf(uri: vscode.Uri): Promise<vscode.Diagnostic[]> {
  while (vscode.languages.getDiagnostics(uri).length === 0) {
    await nextEvent(vscode.languages.onDidChangeDiagnostics, ({ uris }) =>
      uris.some((changed) => changed.toString() === uri.toString()),
    );
  }
  return vscode.languages.getDiagnostics(uri);
}
