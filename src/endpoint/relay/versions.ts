/** Newest first: the revisions of MCP that the endpoint speaks. */
const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** MCP 2025-11-25, "Lifecycle", version negotiation: what the client wants if it is known, else the newest. */
export const chooseVersion = (wanted: unknown): string =>
  VERSIONS.find((version) => version === wanted) ?? (VERSIONS[0] as string);
