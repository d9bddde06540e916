import { expect, it } from '@jest/globals';
import { datasetOfKey } from '../../../src/adapters/stores/dataset-keys.js';

it.each([
  ['datasets/gems/0190/log/7', '', 'gems'],
  ['datasets/gem-stones-2/0190/log/12', 'acme-2', 'gem-stones-2'],
])('an object %s tells of a dataset, and whose it is', (path, client, dataset) => {
  const key = client === '' ? path : `clients/${client}/${path}`;
  expect(datasetOfKey(key, '')).toEqual({ client, dataset });
  expect(datasetOfKey(`some/prefix/${key}`, 'some/prefix/')).toEqual({ client, dataset });
  expect(datasetOfKey(`some/prefix/${key}`, '')).toBeUndefined();
  expect(datasetOfKey(key, 'some/prefix/')).toBeUndefined();
});

it.each([
  'datasets/gems/0190/batches/0191/content',
  'datasets/gems/0190/uploads/0191/log/7x',
  'datasets/gems/states/7',
  'datasets/Gems/0190/log/7',
  'datasets/../0190/log/7',
  'clients/Acme/datasets/gems/0190/log/7',
  'clients/../datasets/gems/0190/log/7',
  'clients/acme/clients/other/datasets/gems/0190/log/7',
  'mydatasets/gems/0190/log/7',
  'models/gems/0190/log/7',
  '',
])('an object %s tells of none', (key) => {
  expect(datasetOfKey(key, '')).toBeUndefined();
});
