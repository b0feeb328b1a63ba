// Types the prebuilt bundle of simple-peer, which simple-peer-link.ts imports, by @types/simple-peer, which describes
// the package's own entry. Owns no types of its own.

declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer'
  export default SimplePeer
}
