/** What whoever hands a delivery to the store is told when it does not take it. */

/** The store could not take a delivery. Nothing of it is stored. */
export class StoreUnavailable extends Error {
  override name = "StoreUnavailable";
}
