/** What a command throws when it did its work and the answer is no: exit code 1. What there is to say has been printed. */
export class CommandFailed extends Error {
  override name = "CommandFailed";
}
