/** Golden vectors of the reward model's rules, and its slow reference loss. */
@NullMarked
package plaudit.reward;

import org.jspecify.annotations.NullMarked;
