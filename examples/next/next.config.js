/** The types of all examples are checked together, which is quicker. */
export default { typescript: { ignoreBuildErrors: true } };
