// Stands in for @vscode/native-watchdog, which needs a compiler. It ends an extension host whose parent died while its event
// loop was held; the host also looks for its parent by itself, once a second.
exports.start = () => {};
exports.exit = (code) => process.exit(code);
