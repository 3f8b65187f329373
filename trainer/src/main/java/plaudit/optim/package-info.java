/**
 * Going backward: a network whose weights change, its losses as TorchScript text, and Adam as the
 * paper has it. Knows no actor and no algorithm.
 */
@NullMarked
package plaudit.optim;

import org.jspecify.annotations.NullMarked;
