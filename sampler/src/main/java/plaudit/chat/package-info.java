/**
 * Conversations: turns of a system, a user and an assistant, and the template by which a model
 * reads them as one text.
 */
@NullMarked
package plaudit.chat;

import org.jspecify.annotations.NullMarked;
