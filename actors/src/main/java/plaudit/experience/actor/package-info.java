/**
 * The experience buffer as an actor, its messages and their wire form. It is a cluster singleton;
 * samplers, scorers and the policy learner find it by {@link
 * plaudit.experience.actor.ExperienceProtocol#KEY}.
 */
@NullMarked
package plaudit.experience.actor;

import org.jspecify.annotations.NullMarked;
