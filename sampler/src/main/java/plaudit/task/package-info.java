/** What a task is: how texts become queries, and where a response ends. */
@NullMarked
package plaudit.task;

import org.jspecify.annotations.NullMarked;
