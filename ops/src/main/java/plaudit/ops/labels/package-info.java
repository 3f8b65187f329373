/**
 * Labels between a run's store and files: {@link plaudit.ops.labels.LabelImport} and {@link
 * plaudit.ops.labels.LabelExport}.
 */
@NullMarked
package plaudit.ops.labels;

import org.jspecify.annotations.NullMarked;
