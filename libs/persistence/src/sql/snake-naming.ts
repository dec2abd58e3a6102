import { DefaultNamingStrategy } from 'typeorm';

/** `believedFrom` in a class is `believed_from` in a table. */
export class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
