/**
 * The one serializer, which maps records to protobuf. The table of manifest, type and codec is here
 * and nowhere else; generated classes are imported by codecs only.
 */
@NullMarked
package plaudit.wire;

import org.jspecify.annotations.NullMarked;
