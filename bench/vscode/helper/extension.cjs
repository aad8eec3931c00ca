const { join } = require('node:path');
const vscode = require('vscode');

/** Milliseconds around the activation in which the event loop is watched. */
const WATCHED_MS = 1000;
/** Milliseconds between two looks at the event loop. */
const EVERY_MS = 1;

/**
 * Gives VS Code the same server directly that the gateway has in its settings; and the bench VS Code's own gateway (proposed
 * API), and how long the gateway's activation takes: this extension is activated before it, and puts a clock around the
 * function that VS Code will call.
 */
exports.activate = (context) => {
  const { BENCH_SERVER: server, BENCH_NODE: node } = process.env;
  context.subscriptions.push(
    vscode.lm.registerMcpServerDefinitionProvider('mcp-tool-gateway-bench.servers', {
      provideMcpServerDefinitions: () => [
        new vscode.McpStdioServerDefinition('direct', node, [server], { OPTIONS: '{"tools":2}' }, '1'),
      ],
    }),
  );
  return { startMcpGateway: () => vscode.lm.startMcpGateway(), activated: watchActivation() };
};

function watchActivation() {
  const { extensionPath, packageJSON } = vscode.extensions.getExtension('mcp-tool-gateway.mcp-tool-gateway');
  const path = require.resolve(join(extensionPath, packageJSON.main));
  const real = require(path);
  return new Promise((resolve) => {
    const activate = (context) => {
      const stalls = watchLoop();
      const begun = performance.now();
      const api = process.env.BENCH_PART === 'nothing' ? undefined : real.activate(context);
      const ms = performance.now() - begun;
      setTimeout(() => {
        resolve({ ms, ...stalls() });
      }, WATCHED_MS);
      return api;
    };
    require.cache[path].exports = { ...real, activate };
  });
}

/** @returns ends it: milliseconds of the longest time in which the loop stood still, and of the most work in one such time */
function watchLoop() {
  let lagMs = 0;
  let workMs = 0;
  let last = performance.now();
  let cpu = process.threadCpuUsage();
  const look = () => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(cpu);
    lagMs = Math.max(lagMs, now - last - EVERY_MS);
    workMs = Math.max(workMs, (user + system) / 1000);
    last = now;
    cpu = process.threadCpuUsage();
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    look();
    clearInterval(timer);
    return { lagMs, workMs };
  };
}
