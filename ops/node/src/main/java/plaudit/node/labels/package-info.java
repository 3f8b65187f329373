/**
 * Labels between a run's store and files: {@link plaudit.node.labels.LabelImport} and {@link
 * plaudit.node.labels.LabelExport}.
 */
@NullMarked
package plaudit.node.labels;

import org.jspecify.annotations.NullMarked;
