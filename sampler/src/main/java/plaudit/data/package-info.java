/**
 * The texts a model is trained and measured on: read from the forms they are handed out in
 * (prompts, books, forum posts, news stories), cleaned as their form needs, never more of them in
 * memory than asked for.
 */
@NullMarked
package plaudit.data;

import org.jspecify.annotations.NullMarked;
