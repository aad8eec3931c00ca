// Stands in for a native module; VS Code's extension host looks for its parent by other means as well.
'use strict';

exports.start = () => undefined;
exports.exit = (code) => process.exit(code ?? 0);
