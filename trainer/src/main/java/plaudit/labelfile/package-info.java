/**
 * People's judgments as files (paper section 7): rows of token ids as the 2019 release has them,
 * rows of text, and a reward model trained on either. {@link plaudit.labelfile.LabelFile} reads,
 * {@link plaudit.labelfile.LabelRow} is what it reads, {@link plaudit.labelfile.FileTraining}
 * learns from it.
 */
@NullMarked
package plaudit.labelfile;

import org.jspecify.annotations.NullMarked;
