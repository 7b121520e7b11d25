/** The storage queue of container groups that have to be reconciled at a later time. */
export const queueName = 'evenkeel-dns';
