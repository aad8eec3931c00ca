import type { RunningPeer } from './peers.js';
import { SDK_HTTP_SERVER, startProgram } from './programs.js';

/** The SDK's own HTTP server, which hosts so many tools itself. */
export async function startSdkHttp(tools = 1): Promise<RunningPeer> {
  const program = await startProgram(process.execPath, [SDK_HTTP_SERVER], /\n/, {
    env: { ...process.env, OPTIONS: JSON.stringify({ tools }) },
  });
  return { program, served: { url: program.said.trim() } };
}
