/** Why a server is not live, or a list of it missing, for people (`message`) and for programs (`code`). */
export interface Failure {
  readonly code: string;
  /** One or two sentences about the server, without its name; then, line by line, what it last said, if anything. */
  readonly message: string;
  /** What only the log has room for. */
  readonly detail?: string;
}
