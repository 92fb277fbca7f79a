// XMP packets for tests.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "image/make_picture.hpp"

namespace vaec::image {

// With these attributes, and elements below.
inline std::vector<std::byte> make_xmp(const std::string& properties, const std::string& below = "") {
  return bytes_of(
      "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
      "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' "
      "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' "
      "xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:xmpNote='http://ns.adobe.com/xmp/note/' "
      "xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' "
      "xmlns:stEvt='http://ns.adobe.com/xap/1.0/sType/ResourceEvent#' "
      "xmlns:xmpGImg='http://ns.adobe.com/xap/1.0/g/img/' "
      "xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/' "
      "xmlns:GCamera='http://ns.google.com/photos/1.0/camera/' "
      "xmlns:Container='http://ns.google.com/photos/1.0/container/' "
      "xmlns:Item='http://ns.google.com/photos/1.0/container/item/' "
      "xmlns:OpCamera='http://ns.oplus.com/photos/1.0/camera/' "
      "xmlns:HDRGainMap='http://ns.apple.com/HDRGainMap/1.0/' " +
      properties + ">" + below + "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
}

}  // namespace vaec::image
