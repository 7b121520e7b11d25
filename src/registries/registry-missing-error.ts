/** A registry that `REGISTRIES` names and Azure does not have. */
export class RegistryMissingError extends Error {
  override readonly name = 'RegistryMissingError';
  constructor(id: string) {
    super(
      `the container registry ${id} does not exist: create it, or correct or remove its entry in REGISTRIES`,
    );
  }
}
