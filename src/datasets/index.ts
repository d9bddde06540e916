export { columnsOf, type DatasetDefinition, parseDefinition, rowSpecOf } from './definition.js';
