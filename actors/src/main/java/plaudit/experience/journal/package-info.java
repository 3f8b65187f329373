/**
 * The experience buffer's memory on the disk: every input that changed its ledger, in order, so
 * that a run which was killed goes on with each prompt exactly where it was. Why it is built this
 * way is in {@code docs/adr}; who uses it without the buffer is {@link
 * plaudit.experience.journal.JournalReader}.
 */
@NullMarked
package plaudit.experience.journal;

import org.jspecify.annotations.NullMarked;
