/**
 * Files and directories that are there whole or not at all, also after a power failure, and the
 * removal of whole trees. No other package renames files.
 */
@NullMarked
package plaudit.files;

import org.jspecify.annotations.NullMarked;
