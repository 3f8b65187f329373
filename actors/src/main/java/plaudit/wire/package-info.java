/**
 * The rim: the one serializer that maps records to protobuf. The table manifest, type, codec is
 * here and nowhere else; generated classes are imported by codecs only.
 */
@NullMarked
package plaudit.wire;

import org.jspecify.annotations.NullMarked;
