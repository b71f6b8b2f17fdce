/**
 * Signatures that others have computed: GitHub's documentation, and the test suites of octokit/webhooks-methods.js and
 * google/go-github.
 */

export interface SignatureVector {
  from: string;
  secret: string;
  body: string;
  sha256: string;
  sha1?: string;
  form?: boolean;
  /** Whether the body is also a payload, so that a receiver takes it in. */
  isPayload: boolean;
}

export const SIGNATURE_VECTORS: readonly SignatureVector[] = [
  {
    from: "GitHub's documentation",
    secret: "It's a Secret to Everybody",
    body: "Hello, World!",
    sha256: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    sha1: "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
    isPayload: false,
  },
  {
    from: "octokit, an object",
    secret: "mysecret",
    body: '{"foo":"bar"}',
    sha256: "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3",
    isPayload: true,
  },
  {
    from: "octokit, a word",
    secret: "secret",
    body: "data",
    sha256: "sha256=1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db",
    isPayload: false,
  },
  {
    from: "octokit, hearts and escapes in upper case",
    secret: "development",
    body: '{"foo":"Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K"}',
    sha256: "sha256=afecc3caa27548bb90d51a50384cb2868b9a3327b4ad6a01c9bd4ed0f8b0b12c",
    isPayload: true,
  },
  {
    from: "go-github, JSON",
    secret: "0123456789abcdef",
    body: '{"yo":true}',
    sha256: "sha256=b1f8020f5b4cd42042f807dd939015c4a418bc1ff7f604dd55b0a19b5d953d9b",
    sha1: "sha1=126f2c800419c60137ce748d7672e77b65cf16d6",
    isPayload: true,
  },
  {
    from: "go-github, a form",
    secret: "0123456789abcdef",
    body: "payload=%7B%22yo%22%3Atrue%7D",
    sha256: "sha256=30f622d549ca623f1c553f7e395a80c9487b43b9feaf9af4a1811381ddf5a94d",
    sha1: "sha1=3374ef144403e8035423b23b02e2c9d7a4c50368",
    form: true,
    isPayload: true,
  },
];
