/**
 * The journal of the experience buffer: every input that changed its ledger, in order, so that a
 * run that was killed resumes with each prompt exactly where it was. The reasons for its design are
 * in {@code docs/adr}.
 */
@NullMarked
package plaudit.experience.journal;

import org.jspecify.annotations.NullMarked;
