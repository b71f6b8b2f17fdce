/** What a command throws when it did its work and the answer is no. What there is to say has been printed. */
export class CommandFailed extends Error {
  override name = "CommandFailed";
  readonly exitCode: 1 | 2;

  /** @param exitCode 2 when what is wrong is the settings or the hooks. */
  constructor(exitCode: 1 | 2 = 1) {
    super();
    this.exitCode = exitCode;
  }
}
