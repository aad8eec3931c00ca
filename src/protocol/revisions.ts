/** The revision of MCP that this project is built to. */
export const LATEST_REVISION = '2025-11-25';

/** Newest first: the revisions of MCP that are spoken on both sides of the gateway. Their names are dates, so that later ones compare as greater. */
export const REVISIONS: readonly string[] = [LATEST_REVISION, '2025-06-18', '2025-03-26', '2024-11-05'];
