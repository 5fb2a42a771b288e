/**
 * A node that failed, as the message execution_error tells it: the name of Python's exception, and its text. Never
 * leaves the engine; the executor makes it a message.
 */
export class NodeFailure extends Error {
  readonly exceptionType: string;
  /** What Python does not say: it goes into the trace. */
  readonly detail: string | undefined;

  constructor(exceptionType: string, message: string, detail?: string) {
    super(message);
    this.exceptionType = exceptionType;
    this.detail = detail;
  }
}
