/** Where the link that `serve` and `login` print leads to; its fragment is the code. */
export const SIGN_IN_PATH = "/sign-in";
