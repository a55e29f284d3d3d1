-- .crypto.cipher.aes128: AES with a key of 128 bits.
return require(".crypto.cipher.rijndael")(128)
