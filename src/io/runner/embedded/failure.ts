/**
 * A node that failed, as the message execution_error tells it: the name of Python's exception, and its text. Never
 * leaves the engine; the executor makes it a message.
 */
export class NodeFailure extends Error {
  readonly exceptionType: string;

  constructor(exceptionType: string, message: string) {
    super(message);
    this.exceptionType = exceptionType;
  }
}
