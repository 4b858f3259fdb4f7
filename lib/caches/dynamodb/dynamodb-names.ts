/** How the attributes are called that the table itself knows; all others are ours. */
export interface DynamodbNames {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Where an item's time to live is, in seconds since 1970. */
  readonly ttlAttribute: string;
}

export const defaultDynamodbNames: DynamodbNames = {
  partitionKey: 'pk',
  sortKey: 'sk',
  ttlAttribute: 'expiresAt',
};
