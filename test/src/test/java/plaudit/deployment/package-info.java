/**
 * The deployment files in {@code ops}: held against Kubernetes' schemas, and their commands run.
 */
@NullMarked
package plaudit.deployment;

import org.jspecify.annotations.NullMarked;
