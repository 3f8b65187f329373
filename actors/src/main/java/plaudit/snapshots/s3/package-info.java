/** Weights in an S3-compatible object store. */
@NullMarked
package plaudit.snapshots.s3;

import org.jspecify.annotations.NullMarked;
